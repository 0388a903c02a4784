using HubService;
using Quickstart;

WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddHubService();
builder.Services.AddHostedService<DemoWorkers>();

WebApplication app = builder.Build();
app.MapHubService();
app.MapAssets();
return await app.RunHubServiceAsync();
