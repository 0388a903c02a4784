using HubService.Benchmarks;
using HubService.Benchmarks.Bare;
using HubService.Benchmarks.Inner;
using HubService.Benchmarks.Load;
using HubService.Benchmarks.Load.Client;

switch (args.FirstOrDefault())
{
    case Verbs.Load:
        return await LoadCommand.RunAsync(args[1..]);
    case Verbs.Inner:
        return InnerCommand.Run(args[1..]);
    case Verbs.Report:
        return ReportCommand.Run(args[1..]);
    case Verbs.Client:
        ClientLoop.Run();
        return 0;
    case Verbs.Bare:
        await BareProcess.RunAsync(args[1..]);
        return 0;
    default:
        Console.Error.WriteLine(LoadOptions.Usage);
        return 2;
}
