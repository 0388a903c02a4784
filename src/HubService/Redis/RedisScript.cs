using System.Security.Cryptography;
using System.Text;

namespace HubService.Redis;

/// <summary>A Lua script of this folder, called by its digest.</summary>
internal sealed class RedisScript
{
    private static readonly string Common = Source("common");

    public static readonly RedisScript Append = new("append"), Read = new("read"), Head = new("head"), Find = new("find");
    public static readonly RedisScript Save = new("save"), Load = new("load"), Trim = new("trim"), Forget = new("forget");
    public static readonly RedisScript Beat = new("beat"), Count = new("count");

    private RedisScript(string name)
    {
        Text = Common + Source(name);
        Writes = name is not ("read" or "head" or "find" or "load");
#pragma warning disable CA5350 // Redis names scripts by their SHA-1.
        Digest = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    public string Text { get; }

    public byte[] Digest { get; }

    /// <summary>True when a call whose answer was lost may have changed something.</summary>
    public bool Writes { get; }

    private static string Source(string name)
    {
        using Stream stream = typeof(RedisScript).Assembly.GetManifestResourceStream($"HubService.Redis.Scripts.{name}.lua")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
