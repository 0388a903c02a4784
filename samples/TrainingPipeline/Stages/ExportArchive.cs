using System.IO.Compression;

namespace TrainingPipeline.Stages;

/// <summary>Builds a zip in memory.</summary>
internal sealed class ExportArchive(TimeProvider time)
{
    private readonly List<(string Name, byte[] Content)> files = [];

    public void Add(string name, byte[] content) => files.Add((name, content));

    public byte[] ToArray()
    {
        using MemoryStream stream = new();
        using (ZipArchive zip = new(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach ((string name, byte[] content) in files)
            {
                ZipArchiveEntry entry = zip.CreateEntry(name, CompressionLevel.Optimal);
                entry.LastWriteTime = time.GetUtcNow();
                using Stream target = entry.Open();
                target.Write(content);
            }
        }

        return stream.ToArray();
    }
}
