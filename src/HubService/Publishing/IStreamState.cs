using HubService.Access;
using HubService.Contracts;

namespace HubService.Publishing;

/// <summary>What a stream's events amount to. Used by one caller at a time, except for <see cref="Facts"/>.</summary>
internal interface IStreamState
{
    /// <summary>Replaced, never changed, so that it may be read from any thread.</summary>
    StreamFacts Facts { get; }

    /// <summary>True while something needs an ending, e.g. an open run.</summary>
    bool Unfinished { get; }

    /// <summary>May this be the next event? Changes nothing. Null when it may.</summary>
    HubError? Check(EventDraft draft);

    void Apply(in PlacedEvent e);

    /// <summary>A snapshot that <see cref="IStreamRules.Open"/> reads.</summary>
    ReadOnlyMemory<byte> Save();
}
