using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace HubService.Tests.Delivery;

/// <summary>Notes what one subscriber sees of one stream, over as many connections as it takes: any gap, duplicate or reordering is kept.</summary>
internal sealed class Reader
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>The last seq seen in order.</summary>
    public long Last { get; private set; }

    public string Epoch { get; private set; } = "";

    public List<string> Wrong { get; } = [];

    /// <summary>Frames that are no event, as they were.</summary>
    public List<string> Told { get; } = [];

    public string Position => $"{Epoch}:{Last}";

    /// <summary>Of every event in the order it came.</summary>
    public string Hash => Convert.ToHexString(_hash.GetCurrentHash());

    /// <summary>Where to begin; without it the first event says.</summary>
    public Reader From(long seq, string epoch = "")
    {
        (Last, Epoch) = (seq, epoch);
        return this;
    }

    public ValueTask Take(ReadOnlyMemory<byte> frame)
    {
        ReadOnlySpan<byte> bytes = frame.Span;
        int at = bytes.StartsWith("{\"type\":1,"u8) ? bytes.IndexOf("\"arguments\":[{\"seq\":"u8) : -1;
        if (at < 0)
        {
            if (!bytes.SequenceEqual("{\"type\":6}"u8))
            {
                Told.Add(Encoding.UTF8.GetString(bytes));
            }

            return ValueTask.CompletedTask;
        }

        ReadOnlySpan<byte> rest = bytes[(at + 20)..];
        Assert.True(Utf8Parser.TryParse(rest, out long seq, out int digits));
        ReadOnlySpan<byte> epoch = rest[(digits + 10)..];
        string name = Encoding.ASCII.GetString(epoch[..epoch.IndexOf((byte)'"')]);
        if (seq != Last + 1 || (Epoch.Length > 0 && Epoch != name))
        {
            Wrong.Add($"{name}:{seq} after {Position}");
        }

        _hash.AppendData(bytes);
        (Epoch, Last) = (name, seq);
        return ValueTask.CompletedTask;
    }
}
