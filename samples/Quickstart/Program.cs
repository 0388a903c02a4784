using HubService;
using Quickstart;

WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
builder.AddHubService();
builder.Services.AddHostedService<DemoWorkers>();

return await builder.Build().RunHubServiceAsync(app => app.MapHubService().MapAssets());
