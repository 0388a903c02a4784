using System.Buffers;
using System.Runtime.CompilerServices;
using HubService.Wire;

namespace HubService.Delivery;

/// <summary>Runs something right after the answer of a hub method has been written, so that what follows cannot overtake it.</summary>
internal sealed class CompletionHooks
{
    private readonly ConditionalWeakTable<object, Action> _hooks = [];

    public void OnWritten(object result, Action action) => _hooks.Add(result, action);

    /// <param name="output">What the answer was written to; a direct one has not passed it on yet.</param>
    public void Written(object result, IBufferWriter<byte> output)
    {
        if (_hooks.TryGetValue(result, out Action? action))
        {
            _hooks.Remove(result);
            if (output is DirectOutput direct)
            {
                direct.AfterFlush(action);
            }
            else
            {
                action();
            }
        }
    }
}
