using System.Text.Json;

namespace TrainingPipeline;

/// <summary>Writes files that are too large for an event, and knows the address they are served under.</summary>
internal sealed class AssetStore(PipelineOptions options)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    /// <summary>Writes an object as JSON and returns its address.</summary>
    public Task<string> WriteJsonAsync(string projectId, string name, object content, CancellationToken cancellationToken) =>
        WriteAsync(projectId, name, ToJson(content), cancellationToken);

    /// <param name="name">A file name, at most with folders in front.</param>
    /// <returns>The address, relative to the host.</returns>
    public async Task<string> WriteAsync(string projectId, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        string path = PathOf(projectId, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);

        // A reader never sees half a file: it is moved into place when it is whole.
        string unfinished = path + ".part";
        await File.WriteAllBytesAsync(unfinished, content, cancellationToken);
        File.Move(unfinished, path, overwrite: true);
        return $"{options.AssetUrlBase}/{Uri.EscapeDataString(projectId)}/{name}";
    }

    public static byte[] ToJson(object content) => JsonSerializer.SerializeToUtf8Bytes(content, Json);

    private string PathOf(string projectId, string name)
    {
        string root = Path.GetFullPath(options.OutputDirectory), project = Path.GetFullPath(Path.Combine(root, projectId));
        return string.Equals(Path.GetDirectoryName(project), root.TrimEnd(Path.DirectorySeparatorChar), StringComparison.Ordinal)
            ? Path.Combine(project, name)
            : throw new ArgumentException($"'{projectId}' is not a folder name.", nameof(projectId));
    }
}
