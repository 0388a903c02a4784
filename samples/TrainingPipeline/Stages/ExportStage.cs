using System.Security.Cryptography;
using System.Text;

namespace TrainingPipeline.Stages;

/// <summary>The archive for download.</summary>
/// <param name="Checksum"><c>sha256:</c> and 64 lower-case hexadecimal digits.</param>
internal sealed record ExportedModel(string Url, string Checksum);

/// <summary>Packs the model with everything needed to use and judge it.</summary>
internal sealed class ExportStage(AssetStore assets, Pace pace, TimeProvider time) : IStage
{
    public string Id => StageIds.Export;

    public bool IsDone(PipelineContext context) => context.Export is not null;

    public void Forget(PipelineContext context) => context.Export = null;

    public async Task<StageOutcome> RunAsync(PipelineContext context, IPipelineOutput output, CancellationToken cancellationToken)
    {
        ExportArchive archive = new(time);
        (string Name, Func<byte[]> Content)[] files =
        [
            ("model.json", () => AssetStore.ToJson(ExportContent.Model(context))),
            ("metrics.json", () => AssetStore.ToJson(ExportContent.Metrics(context))),
            ("predictions.csv", () => ExportContent.Predictions(context)),
            ("README.md", () => Encoding.UTF8.GetBytes(ExportContent.ReadMe + Report.Write(context))),
        ];
        foreach ((int index, (string name, Func<byte[]> content)) in files.Index())
        {
            await output.ExportProgressAsync((double)index / files.Length, $"Packing {name}", cancellationToken);
            archive.Add(name, content());
            await pace.AfterStepAsync(output, cancellationToken);
        }

        byte[] zip = archive.ToArray();
        string checksum = "sha256:" + Convert.ToHexStringLower(SHA256.HashData(zip));
        string url = await assets.WriteAsync(context.ProjectId, "export.zip", zip, cancellationToken);
        await output.ExportProgressAsync(1, "Done", cancellationToken);
        await output.ExportReadyAsync(url, [.. files.Select(f => f.Name)], checksum, cancellationToken);
        context.Export = new(url, checksum);
        return StageOutcome.Complete($"export.zip, {zip.Length} bytes, {checksum}.");
    }
}
