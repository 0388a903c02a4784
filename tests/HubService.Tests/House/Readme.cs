using System.Text.RegularExpressions;

namespace HubService.Tests.House;

/// <summary>The README and its marked code blocks: <c>&lt;!-- test: name --&gt;</c> above a fence.</summary>
internal static class Readme
{
    public static string Text { get; } = Repository.Read("README.md").ReplaceLineEndings("\n");

    /// <param name="path">Another document than the README.</param>
    public static string Block(string name, string path = "README.md")
    {
        Match block = Regex.Match(Repository.Read(path).ReplaceLineEndings("\n"), $"<!-- test: {Regex.Escape(name)} -->\n```[a-z]+\n(?<code>.*?)\n```\n", RegexOptions.Singleline | RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));
        return block.Success ? block.Groups["code"].Value : throw new InvalidOperationException($"{path} has no block marked '{name}'.");
    }
}
