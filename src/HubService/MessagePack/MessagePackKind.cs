namespace HubService.MessagePack;

/// <summary>What a MessagePack item is, whatever the width it was written in.</summary>
internal enum MessagePackKind
{
    Nil,
    False,
    True,

    /// <summary>Between the least and the greatest <see cref="long"/>.</summary>
    Integer,

    /// <summary>Above the greatest <see cref="long"/>.</summary>
    BigInteger,
    Float,
    Text,
    Binary,
    Extension,
    Array,
    Map,
}
