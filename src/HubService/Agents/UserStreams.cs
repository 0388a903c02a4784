using System.Security.Cryptography;
using System.Text;
using HubService.Contracts;

namespace HubService.Agents;

/// <summary>The id of a user's own stream: the subject itself where it is a valid id, else its hash.</summary>
internal static class UserStreams
{
    public static string IdOf(string subject) =>
        Ids.IsValid(subject) ? subject : "sub-" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(subject)))[..40];
}
