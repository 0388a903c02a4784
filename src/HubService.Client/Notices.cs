using Microsoft.Extensions.Logging;

namespace HubService.Client;

/// <summary>Raises events of a client so that a handler which throws harms neither the connection nor the other handlers.</summary>
internal sealed partial class Notices(object sender, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("HubService.Client.Notices");

    public void Raise<T>(EventHandler<T>? handlers, T e)
        where T : EventArgs
    {
        foreach (EventHandler<T> handler in Delegate.EnumerateInvocationList(handlers))
        {
            try
            {
                handler(sender, e);
            }
            catch (Exception error)
            {
                LogThrew(error, typeof(T).Name);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "A handler of {Event} threw")]
    private partial void LogThrew(Exception error, string @event);
}
