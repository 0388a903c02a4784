using HubService;
using HubService.Telemetry;

if (args is ["health", ..])
{
    return await HealthCommand.RunAsync(args[1..]);
}

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddHubService();

WebApplication app = builder.Build();
app.MapHubService();
return await app.RunHubServiceAsync();
