using Microsoft.Extensions.FileProviders;

namespace Quickstart;

/// <summary>Serves what the pipeline wrote, at <c>/api/assets/{project_id}/…</c>.</summary>
internal static class AssetFiles
{
    public static string Directory(IConfiguration configuration) =>
        Path.GetFullPath(configuration["TrainingPipeline:OutputDirectory"] ?? Path.Combine("data", "assets"));

    public static void MapAssets(this WebApplication app)
    {
        string directory = System.IO.Directory.CreateDirectory(Directory(app.Configuration)).FullName;
        app.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(directory), RequestPath = "/api/assets", ServeUnknownFileTypes = true });
    }
}
