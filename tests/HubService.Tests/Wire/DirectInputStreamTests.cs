using System.Buffers;
using System.IO.Pipelines;
using HubService.Wire;

namespace HubService.Tests.Wire;

/// <summary>Much that passes through one input.</summary>
public class DirectInputStreamTests
{
    /// <summary>
    /// The buffer doubled whenever a piece found no room behind it, also when next to nothing of it was still unread: a client
    /// whose messages never ended where a piece does took 2 GB with half a megabyte of pings.
    /// </summary>
    [Theory]
    [InlineData(16 * 1024, 11)]
    [InlineData(16 * 1024, 301)]
    [InlineData(1000, 999)]
    public async Task Messages_that_never_end_with_a_piece_need_no_more_room(int piece, int message)
    {
        DirectInput input = new();
        byte[] bytes = new byte[piece];
        int largest = 0;
        for (int i = 0; i < 2_000; i++)
        {
            Assert.True(input.WriteAsync(bytes).AsTask().IsCompletedSuccessfully);
            ReadResult read = await input.ReadAsync();
            Assert.True(System.Runtime.InteropServices.MemoryMarshal.TryGetArray(read.Buffer.First, out ArraySegment<byte> array));
            largest = Math.Max(largest, array.Array!.Length);
            input.AdvanceTo(read.Buffer.GetPosition(read.Buffer.Length / message * message), read.Buffer.End);
        }

        Assert.InRange(largest, piece, 4 * (piece + message));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Everything_comes_once_and_in_order_whatever_both_sides_do(int seed)
    {
        const int Total = 3_000_000;
        DirectInput input = new();
        Task writing = Task.Run(async () =>
        {
            var random = new Random(seed);
            byte[] piece = new byte[16 * 1024];
            for (int sent = 0; sent < Total;)
            {
                int count = Math.Min(Total - sent, random.Next(4) == 0 ? random.Next(piece.Length) : random.Next(100));
                for (int i = 0; i < count; i++)
                {
                    piece[i] = (byte)((sent + i) % 251);
                }

                await input.WriteAsync(piece.AsSpan(0, count));
                sent += count;
            }

            input.End();
        });
        Task cancelling = Task.Run(async () =>
        {
            while (!writing.IsCompleted)
            {
                input.CancelPendingRead();
                await Task.Yield();
            }
        });

        var reader = new Random(-seed);
        int got = 0;
        bool completed = false;
        while (!completed)
        {
            using CancellationTokenSource off = new();
            ReadResult read;
            try
            {
                ValueTask<ReadResult> pending = input.ReadAsync(off.Token);
                if (reader.Next(8) == 0)
                {
                    off.Cancel();
                }

                read = await pending;
            }
            catch (OperationCanceledException)
            {
                continue;
            }

            byte[] bytes = read.Buffer.ToArray();
            int take = reader.Next(3) switch { 0 => bytes.Length, 1 => reader.Next(bytes.Length + 1), _ => 0 };
            take = read.IsCompleted ? bytes.Length : take;
            for (int i = 0; i < take; i++)
            {
                if (bytes[i] != (got + i) % 251)
                {
                    Assert.Fail($"Byte {got + i} is not what was written.");
                }
            }

            got += take;
            input.AdvanceTo(read.Buffer.GetPosition(take), reader.Next(2) == 0 && take > 0 ? read.Buffer.GetPosition(take) : read.Buffer.End);
            completed = read.IsCompleted;
        }

        await writing;
        await cancelling;
        Assert.Equal(Total, got);
    }
}
