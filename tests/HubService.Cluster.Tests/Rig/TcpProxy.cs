using System.Net;
using System.Net.Sockets;

namespace HubService.Cluster.Tests.Rig;

/// <summary>A link between two processes that can be cut, refused, delayed, silenced, or led elsewhere.</summary>
internal sealed class TcpProxy : ILink
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _gate = new();
    private readonly List<Socket> _sockets = [];
    private TaskCompletionSource _open = Opened();
    private TaskCompletionSource _answers = Opened();
    private Task _accepting = Task.CompletedTask;
    private volatile int _target;
    private volatile bool _refusing;
    private int _asked;

    /// <param name="target">The port on this machine that it leads to; 0 when that is told later.</param>
    public TcpProxy(int target)
    {
        _target = target;
        _listener.Start(1024);
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = AcceptAsync();
    }

    public int Port { get; }

    /// <summary>How many connections were asked for.</summary>
    public int Asked => Volatile.Read(ref _asked);

    /// <summary>How long everything takes to pass, each way.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>Ends every connection by a reset.</summary>
    public void Cut()
    {
        Socket[] sockets;
        lock (_gate)
        {
            sockets = [.. _sockets];
            _sockets.Clear();
        }

        foreach (Socket socket in sockets)
        {
            Reset(socket);
        }
    }

    /// <summary>Ends the connection that comes from this port for whoever it leads to.</summary>
    public void Cut(int port)
    {
        Socket? far;
        lock (_gate)
        {
            far = _sockets.Find(s => s.LocalEndPoint is IPEndPoint local && local.Port == port);
            if (far is not null)
            {
                _sockets.Remove(far);
            }
        }

        if (far is not null)
        {
            Reset(far);
        }
    }

    /// <summary>Cuts, and lets nobody in until <see cref="Mend"/>.</summary>
    public void Refuse()
    {
        _refusing = true;
        Cut();
    }

    /// <summary>Keeps connections and passes nothing on, until <see cref="Mend"/>; new connections are taken and hear nothing.</summary>
    public void Silence()
    {
        SilenceAnswers();
        if (_open.Task.IsCompleted)
        {
            _open = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>As <see cref="Silence"/>, for what comes from where it leads to.</summary>
    public void SilenceAnswers()
    {
        if (_answers.Task.IsCompleted)
        {
            _answers = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void Mend()
    {
        _refusing = false;
        _open.TrySetResult();
        _answers.TrySetResult();
    }

    /// <summary>New connections go to another port; those that are stay.</summary>
    public void LeadTo(int target) => _target = target;

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Stop();
        Mend();
        Cut();
        await _accepting;
        _end.Dispose();
    }

    private static TaskCompletionSource Opened()
    {
        TaskCompletionSource opened = new();
        opened.SetResult();
        return opened;
    }

    private async Task AcceptAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                Socket near = await _listener.AcceptSocketAsync(_end.Token);
                Interlocked.Increment(ref _asked);
                if (_refusing)
                {
                    Reset(near);
                    continue;
                }

                _ = PassAsync(near);
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
            {
                // Nobody more comes, or one went away at once.
            }
        }
    }

    private async Task PassAsync(Socket near)
    {
        near.NoDelay = true;
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        lock (_gate)
        {
            _sockets.Add(near);
            _sockets.Add(far);
        }

        try
        {
            await _open.Task;
            await far.ConnectAsync(IPAddress.Loopback, _target);
            await Task.WhenAny(PumpAsync(near, far, () => _open.Task), PumpAsync(far, near, () => _answers.Task));
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // It leads nowhere.
        }

        lock (_gate)
        {
            _sockets.Remove(near);
            _sockets.Remove(far);
        }

        Reset(near);
        Reset(far);
    }

    /// <param name="passes">Completes when this direction is open.</param>
    private async Task PumpAsync(Socket from, Socket to, Func<Task> passes)
    {
        byte[] buffer = new byte[16 * 1024];
        try
        {
            while (true)
            {
                await passes();
                int read = await from.ReceiveAsync(buffer, SocketFlags.None);
                if (read == 0)
                {
                    return;
                }

                // What was silenced meanwhile waits here, as it would in the sender's network.
                await passes();
                if (Delay > TimeSpan.Zero)
                {
                    await Waiting.PauseAsync(Delay);
                }

                for (int sent = 0; sent < read;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), SocketFlags.None);
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Cut.
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Gone already.
        }

        socket.Dispose();
    }
}
