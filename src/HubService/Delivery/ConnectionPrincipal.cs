using HubService.Access;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>Whose connection it is: set when it opens, replaced by a new token.</summary>
internal static class ConnectionPrincipal
{
    private static readonly object Key = new();

    public static Principal Of(HubCallerContext context) => Of(context.Items);

    public static Principal Of(HubConnectionContext connection) => Of(connection.Items);

    public static void Set(HubCallerContext context, Principal principal) => context.Items[Key] = principal;

    private static Principal Of(IDictionary<object, object?> items) =>
        items.TryGetValue(Key, out object? value) && value is Principal principal
            ? principal
            : throw new InvalidOperationException("The connection has not been opened.");
}
