using System.Buffers;
using System.Buffers.Binary;
using HubService.Streams;

namespace HubService.Redis;

/// <summary>
/// The newest entries of one followed stream, without a hole, within a number and a weight. They are kept as bytes in a few buffers:
/// as objects they would live just long enough for the collector to move each of them, twice, while everybody waits. Its owner holds
/// a lock around every call.
/// </summary>
internal sealed class RecentEntries
{
    /// <summary>So many are kept if they weigh no more than is allowed, and some more.</summary>
    public const int MaxEntries = 512;

    private const int MaxBytes = 256 * 1024;
    private const int SmallestBlock = 1024;
    private const int LargestBlock = 32 * 1024;

    /// <summary>Oldest first; the seqs run without a hole, also from one to the next.</summary>
    private readonly List<Block> _blocks = [];
    private int _count;

    /// <summary>The weight of the buffers.</summary>
    public long Bytes { get; private set; }

    private long Oldest => _blocks[0].First;

    /// <summary>True when everything after the seq, up to the newest, is here.</summary>
    public bool Reaches(long after, long newest) => after >= newest || (_count > 0 && Oldest <= after + 1);

    public void Clear()
    {
        _blocks.ForEach(static b => b.Dispose());
        _blocks.Clear();
        _count = 0;
        Bytes = 0;
    }

    public void Add(IReadOnlyList<LogEntry> entries)
    {
        for (int i = 0; i < entries.Count; i++)
        {
            Add(entries[i]);
        }
    }

    /// <summary>Takes in what was read from the log, as far as it joins the entries that are here, or the newest seq when none are.</summary>
    public void AddBefore(IReadOnlyList<LogEntry> page, long newest)
    {
        long oldest = _count > 0 ? Oldest : newest + 1;
        if (page.Count > 0 && page[0].Seq < oldest && page[^1].Seq >= oldest - 1)
        {
            List<LogEntry> mine = After(0, _count);
            Clear();
            Add([.. page.TakeWhile(e => e.Seq < oldest)]);
            Add(mine);
        }
    }

    /// <summary>Copies of the entries after a seq that <see cref="Reaches"/>, a page at most.</summary>
    public List<LogEntry> After(long seq, int limit)
    {
        List<LogEntry> entries = [];
        foreach (Block block in _blocks)
        {
            block.CopyAfter(seq, limit, entries);
        }

        return entries;
    }

    private void Add(in LogEntry entry)
    {
        int size = EntryCodec.Size(entry);
        if (_blocks.Count == 0 || !_blocks[^1].HasRoom(size))
        {
            int usual = _blocks.Count == 0 ? SmallestBlock : Math.Min(LargestBlock, 2 * _blocks[^1].Weight);
            var block = new Block(entry.Seq, Math.Max(usual, Block.Needed(size)));
            _blocks.Add(block);
            Bytes += block.Weight;
        }

        _blocks[^1].Add(entry, size);
        _count++;
        while (_blocks.Count > 1 && (Bytes > MaxBytes || _count - _blocks[0].Count >= MaxEntries))
        {
            Bytes -= _blocks[0].Weight;
            _count -= _blocks[0].Count;
            _blocks[0].Dispose();
            _blocks.RemoveAt(0);
        }
    }

    /// <summary>Consecutive entries in one buffer of the pool, each (<see cref="EntryCodec"/>) behind its length (4 bytes).</summary>
    private sealed class Block(long first, int bytes) : IDisposable
    {
        private readonly byte[] _bytes = ArrayPool<byte>.Shared.Rent(bytes);
        private int _used;

        public long First => first;

        public int Count { get; private set; }

        public int Weight => _bytes.Length;

        public static int Needed(int size) => sizeof(int) + size;

        public bool HasRoom(int size) => _bytes.Length - _used >= Needed(size);

        public void Add(in LogEntry entry, int size)
        {
            BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(_used), size);
            EntryCodec.Write(entry, _bytes.AsSpan(_used + sizeof(int), size));
            _used += Needed(size);
            Count++;
        }

        /// <summary>Adds what comes after a seq, until there are as many as the limit says.</summary>
        public void CopyAfter(long seq, int limit, List<LogEntry> entries)
        {
            int at = 0;
            for (int i = 0; i < Count && entries.Count < limit; i++)
            {
                int size = BinaryPrimitives.ReadInt32BigEndian(_bytes.AsSpan(at));
                if (first + i > seq)
                {
                    entries.Add(EntryCodec.Read(first + i, _bytes.AsSpan(at + sizeof(int), size).ToArray()));
                }

                at += Needed(size);
            }
        }

        public void Dispose() => ArrayPool<byte>.Shared.Return(_bytes);
    }
}
