using System.Reflection;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>A Lua script of what nodes know of each other.</summary>
internal sealed class ClusterScript(string name)
{
    private readonly string _text = Read(name);

    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, params RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(_text, keys, values);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // The server was started again or replaced and no longer has it; nothing was run. The library has noticed and sends the text now.
            return await database.ScriptEvaluateAsync(_text, keys, values);
        }
    }

    private static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"HubService.Redis.Scripts.{name}.lua")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
