using System.Runtime.InteropServices;
using System.Text.Json;
using HubService.Contracts;

namespace HubService.Client;

/// <summary>Makes values fit to travel inside an event.</summary>
internal static class Inline
{
    /// <summary>Leaves room for the envelope within the hub's 64 KB.</summary>
    private const int MaxBytes = 60_000;

    /// <summary>The value as JSON; what is too large becomes <c>{"omitted":"payload_too_large","bytes":n}</c>.</summary>
    public static JsonElement? Value(object? value)
    {
        if (value is null)
        {
            return null;
        }

        JsonElement json = Wire.Element(value);
        int bytes = JsonMarshal.GetRawUtf8Value(json).Length;
        return bytes <= MaxBytes ? json : Wire.Element(new { Omitted = ErrorCodes.PayloadTooLarge, Bytes = bytes });
    }

    /// <summary>True for an answer that says this very content can never be published.</summary>
    public static bool Refused(HubError error) =>
        error.Code is ErrorCodes.InvalidMessage or ErrorCodes.PayloadTooLarge or ErrorCodes.NestingTooDeep;
}
