using HubService;
using HubService.Telemetry;

BufferPool.Enlarge();
if (args is [HealthCommand.Name, ..])
{
    return await HealthCommand.RunAsync(args[1..]);
}

WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddHubService();

return await builder.Build().RunHubServiceAsync(app => app.MapHubService());
