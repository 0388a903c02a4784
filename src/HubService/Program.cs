using HubService;
using HubService.Telemetry;

if (args is [HealthCommand.Name, ..])
{
    return await HealthCommand.RunAsync(args[1..]);
}

WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddHubService();

WebApplication app = builder.Build();
app.MapHubService();
return await app.RunHubServiceAsync();
