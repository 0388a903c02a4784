namespace HubService.Client;

/// <summary>Gives the tokens of the clients in a container; implemented by the application and registered there.</summary>
public interface IHubTokenProvider
{
    /// <summary>The bearer token to connect with; null connects without one.</summary>
    /// <param name="reason">Anything but <see cref="TokenReason.Connect"/> asks for a new one.</param>
    /// <exception cref="Exception">The attempt counts as failed and is repeated; a <see cref="HubClientException"/> with <c>unauthorized</c> ends the attempts.</exception>
    ValueTask<string?> GetTokenAsync(TokenReason reason, CancellationToken cancellationToken);
}
