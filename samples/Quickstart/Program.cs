using HubService;
using Quickstart;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddHubService();
builder.Services.AddHostedService<DemoWorkers>();

WebApplication app = builder.Build();
app.MapHubService();
app.MapAssets();
return await app.RunHubServiceAsync();
