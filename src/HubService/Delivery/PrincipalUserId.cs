using HubService.Access;
using Microsoft.AspNetCore.SignalR;

namespace HubService.Delivery;

/// <summary>SignalR's name of a user: the tenant is part of it, so that no send to a user can cross tenants.</summary>
internal sealed class PrincipalUserId(PrincipalReader principals) : IUserIdProvider
{
    public string? GetUserId(HubConnectionContext connection) =>
        principals.Read(connection.User).Principal is { } p ? $"{p.Tenant.Length}:{p.Tenant}:{p.Subject}" : null;
}
