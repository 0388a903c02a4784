using System.Runtime.InteropServices;
using System.Text.Json;
using HubService.Contracts;
using HubService.Validation;
using Microsoft.Extensions.Options;

namespace HubService.Publishing;

/// <summary>The limits of an event, for what people say and the hub writes down for them.</summary>
internal sealed class EventLimits(IOptions<PublishOptions> options)
{
    /// <summary>Null when an event with this in it is small and flat enough; else what to answer, naming the field.</summary>
    public HubError? Check(string field, JsonElement? value)
    {
        if (value is not { ValueKind: not JsonValueKind.Undefined } given)
        {
            return null;
        }

        PublishOptions limits = options.Value;
        return JsonMarshal.GetRawUtf8Value(given).Length > limits.MaxEventBytes
            ? new HubError(ErrorCodes.PayloadTooLarge, $"{field}: at most {limits.MaxEventBytes} bytes are allowed. Send large content by URL.").With("field", field).With("limit", limits.MaxEventBytes)
            : EventValidator.Depth(given) >= limits.MaxDepth
                ? new HubError(ErrorCodes.NestingTooDeep, $"{field}: fewer than {limits.MaxDepth} levels are allowed.").With("field", field)
                : null;
    }
}
