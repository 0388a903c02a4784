using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using HubService.Contracts;
using HubService.Contracts.Schema;

namespace HubService.Delivery;

/// <summary>Reads a request object of the contract; the error names the field.</summary>
internal static class RequestReader
{
    public static bool TryRead<TRequest>(JsonElement json, [NotNullWhen(true)] out TRequest? request, [NotNullWhen(false)] out HubError? error)
        where TRequest : class
    {
        request = null;
        if (!PayloadReader.TryRead(json, ContractJson.Options.GetTypeInfo(typeof(TRequest)), "", out object? value, out error))
        {
            return false;
        }

        request = (TRequest)value;
        return true;
    }
}
