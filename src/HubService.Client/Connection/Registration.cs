namespace HubService.Client;

/// <summary>Keeps a worker registered: once per connection, again after each reconnect.</summary>
internal sealed class Registration(HubLink link, RetryPolicy retry, TimeProvider time, Func<CancellationToken, Task> register)
{
    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="HubClientException">The hub refused, and would again, or does not let the client in; <c>not_connected</c> when the client was disposed.</exception>
    public async Task KeepAsync(CancellationToken cancellationToken)
    {
        using SemaphoreSlim connected = new(0);
        void OnChanged(object? sender, ConnectionChangedEventArgs change)
        {
            if (change.State is ConnectionState.Connected or ConnectionState.Failed or ConnectionState.Closed)
            {
                connected.Release();
            }
        }

        link.Changed += OnChanged;
        try
        {
            while (true)
            {
                await link.WaitConnectedAsync(cancellationToken);
                int connection = link.Connections;
                await RegisterAsync(cancellationToken);
                do
                {
                    await connected.WaitAsync(cancellationToken);
                }
                while (link.State == ConnectionState.Connected && link.Connections == connection);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            link.Changed -= OnChanged;
        }
    }

    private async Task RegisterAsync(CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                await register(cancellationToken);
                return;
            }
            catch (HubClientException e) when (e.Retryable)
            {
                if (link.State == ConnectionState.Closed)
                {
                    throw HubClientException.NotConnected(e);
                }

                await Task.Delay(retry.Delay(e.Code == ClientErrorCodes.NotConnected ? 0 : attempt), time, cancellationToken);
            }
        }
    }
}
