namespace HubService.Cluster.Tests.Rig;

/// <summary>The way between a node and Redis, which can be made to lose what passes; connections are kept.</summary>
internal interface ILink : IAsyncDisposable
{
    /// <summary>Nothing passes either way, until <see cref="Mend"/>.</summary>
    void Silence();

    /// <summary>What the node sends arrives, and nothing comes back, until <see cref="Mend"/>.</summary>
    void SilenceAnswers();

    void Mend();
}
