using System.Security.Cryptography;
using System.Text;
using HubService.Contracts;

namespace HubService.Access;

/// <summary>Names the stream of a user. Subjects may hold characters that ids may not; those are hashed, so that no two subjects share a stream.</summary>
internal static class UserStreams
{
    private const string HashedPrefix = "sub-";

    public static StreamId Of(string subject)
    {
        // A subject that looks hashed is hashed as well, else it could name another subject's stream.
        bool plain = Ids.IsValid(subject)
            && !subject.StartsWith(RunId.Prefix, StringComparison.Ordinal)
            && !subject.StartsWith(HashedPrefix, StringComparison.Ordinal);
        return StreamId.User(plain ? subject : HashedPrefix + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject))));
    }
}
