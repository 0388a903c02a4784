// Scenarios take times and kill processes: one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
