using System.Reflection;
using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>A Lua script that stands in a file of its own beside this one.</summary>
internal sealed class RedisScript(string file)
{
    private readonly string _text = Read(file);

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

    private static string Read(string file)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"HubService.Redis.{file}") ?? throw new InvalidOperationException($"{file} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
