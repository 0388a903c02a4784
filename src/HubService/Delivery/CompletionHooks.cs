using System.Runtime.CompilerServices;

namespace HubService.Delivery;

/// <summary>Runs something right after the answer of a hub method has been written, so that what follows cannot overtake it.</summary>
internal sealed class CompletionHooks
{
    private readonly ConditionalWeakTable<object, Action> _hooks = [];

    public void OnWritten(object result, Action action) => _hooks.Add(result, action);

    public void Written(object result)
    {
        if (_hooks.TryGetValue(result, out Action? action))
        {
            _hooks.Remove(result);
            action();
        }
    }
}
