using System.Text;
using HubService.Benchmarks.Load.Client;

namespace HubService.Cluster.Tests.Benchmarks;

/// <summary>The load client finds what arrives, and notices what does not.</summary>
public sealed class LoadClientTests
{
    [Fact]
    public void Markers_are_found_however_the_bytes_are_cut()
    {
        byte[] data = Encoding.ASCII.GetBytes($"~~12{Text(7, 1)}x~{Text(8, 2)}{Text(9, 3)}~0.1~");
        for (int first = 0; first <= data.Length; first++)
        {
            for (int second = first; second <= data.Length; second++)
            {
                List<(long Time, long Number)> found = [];
                var scanner = new MarkerScanner((time, number) => found.Add((time, number)));
                scanner.Scan(data.AsSpan(0, first));
                scanner.Scan(data.AsSpan(first, second - first));
                scanner.Scan(data.AsSpan(second));
                Assert.Equal([(7, 1), (8, 2), (9, 3)], found);
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(70_000)]
    public void Frames_are_taken_apart_however_they_arrive(int piece)
    {
        byte[] data = [.. Frame(0x81, 5), .. Frame(0x89, 3), .. Frame(0x01, 300), .. Frame(0x80, 70_000), .. Frame(0x8a, 0), .. Frame(0x88, 2)];
        var receiver = new Receiver();
        var reader = new FrameReader(receiver);
        foreach (byte[] part in data.Chunk(piece))
        {
            reader.Feed(part);
        }

        Assert.Equal((5 + 300 + 70_000, 1, 1), (receiver.Bytes, receiver.Pings, receiver.Closes));
    }

    [Fact]
    public void A_ledger_misses_what_does_not_come()
    {
        var ledger = new Ledger(3);
        foreach (int number in new[] { 1, 2, 4, 4, 3 })
        {
            ledger.Take(1, number);
        }

        ledger.Take(2, 1);
        Assert.Equal((1, 2, 4), (ledger.Gaps, ledger.Duplicates, ledger.Delivered));

        // The third event of member 1, the second to fourth of member 2; member 0 is not expected to have any.
        Assert.Equal(1 + 3, ledger.Missing(1, _ => 4));
        Assert.Equal(1 + 3 + 4, ledger.Missing(0, _ => 4));
    }

    [Fact]
    public void A_histogram_is_within_two_percent()
    {
        var histogram = new Histogram();
        for (int i = 1; i <= 100_000; i++)
        {
            histogram.Add(i * 1_000L);
        }

        Assert.InRange(histogram.Milliseconds(0.5), 49, 51);
        Assert.InRange(histogram.Milliseconds(0.99), 97.1, 100);
        Assert.Equal((100_000, 100_000_000), (histogram.Count, histogram.Max));
        Assert.Equal(0, new Histogram().Milliseconds(0.5));
    }

    private static string Text(long time, long number)
    {
        byte[] marker = new byte[Marker.Length];
        Marker.Write(marker, time, number);
        return Encoding.ASCII.GetString(marker);
    }

    /// <summary>As a server sends it: without a mask.</summary>
    private static byte[] Frame(byte start, int length) =>
    [
        start,
        .. length switch
        {
            < 126 => new[] { (byte)length },
            < 65_536 => [126, (byte)(length >> 8), (byte)length],
            _ => [127, 0, 0, 0, 0, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length],
        },
        .. new byte[length],
    ];

    private sealed class Receiver : IFrameReceiver
    {
        public int Bytes { get; private set; }

        public int Pings { get; private set; }

        public int Closes { get; private set; }

        public void OnPayload(ReadOnlySpan<byte> piece) => Bytes += piece.Length;

        public void OnPing(ReadOnlySpan<byte> content) => Pings += content.Length == 3 ? 1 : 100;

        public void OnClose() => Closes++;
    }
}
