namespace HubService.Access;

/// <summary>Whose connection it is: kept in the connection's items, set when it opens, replaced by a new token.</summary>
internal static class ConnectionPrincipal
{
    private static readonly object Key = new();

    public static Principal Of(IDictionary<object, object?> items) =>
        Find(items) ?? throw new InvalidOperationException("The connection has not been opened.");

    public static Principal? Find(IDictionary<object, object?> items) => items.TryGetValue(Key, out object? value) ? value as Principal : null;

    public static void Set(IDictionary<object, object?> items, Principal principal) => items[Key] = principal;
}
