using StackExchange.Redis;

namespace HubService.Redis;

/// <summary>Runs a script of what nodes know of each other, once: whoever calls does so again by the clock.</summary>
internal static class ClusterScript
{
    public static async Task<RedisResult> RunAsync(RedisScript script, IDatabase database, RedisKey[] keys, params RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(script.Text, keys, values);
        }
        catch (RedisServerException e) when (RedisFailure.IsUnknownScript(e))
        {
            // The server was started again or replaced and no longer has it; nothing was run. The library has noticed and sends the text now.
            return await database.ScriptEvaluateAsync(script.Text, keys, values);
        }
    }
}
