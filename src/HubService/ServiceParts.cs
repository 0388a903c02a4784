using HubService.Access;
using HubService.Agents;
using HubService.Contracts;
using HubService.Delivery;
using HubService.Limits;
using HubService.Projects;
using HubService.Publishing;
using HubService.Sqlite;
using HubService.Streams;
using HubService.Validation;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using Microsoft.AspNetCore.SignalR.Protocol;
using Microsoft.Extensions.Options;

namespace HubService;

/// <summary>What each line of <see cref="HubServiceBuilder"/> stands for.</summary>
internal static class ServiceParts
{
    public static void AddLimits(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<LimitOptions>(configuration, "Limits", o => o is { ConnectionsPerUser: > 0, MessagesPerSecond: > 0, MessageBurst: > 0, PublisherMessagesPerSecond: > 0 }, "Limits: every limit is greater than 0.");
        services.AddSingleton<ConnectionCounts>();
        services.AddSingleton<LimitHubFilter>();
    }

    public static void AddPublishing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<PublishOptions>(configuration, "Publishing", o => o is { MaxEventBytes: > 0, MaxBatchEvents: > 0, MaxBatchBytes: > 0, MaxDepth: > 0 and <= ContractJson.MaxDepth }, $"Publishing: every limit is greater than 0, MaxDepth at most {ContractJson.MaxDepth}.");
        services.AddSingleton<Publishing.OpenStreams>();
        services.AddSingleton<IStreamFacts>(s => s.GetRequiredService<Publishing.OpenStreams>());
        services.AddSingleton<EventPublisher>();
    }

    public static void AddAgents(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<AgentOptions>(configuration, "Agents", o => o.StartTimeout > TimeSpan.Zero && o.CancelTimeout > TimeSpan.Zero, "Agents: every time is greater than 0.");
        services.AddSingleton<RunLeases>();
        services.AddSingleton<AgentWorkers>();
        services.AddSingleton<Threads>();
        services.AddSingleton<Conversations>();
        services.AddSingleton<IStreamRules, ThreadRules>();
        services.AddSingleton<IStreamRules, UserRules>();
    }

    public static void AddProjects(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<ProjectOptions>(configuration, "Projects", o => o.Confirm is "lenient" or "strict", "Projects:Confirm is lenient or strict.");
        services.AddValidatedOptions<AdditionalEvents>(configuration, "Projects", o => o.IsValid(), AdditionalEvents.Rule);
        services.AddSingleton<ProjectWorkers>();
        services.AddSingleton<ProjectWork>();
        services.AddSingleton<ProjectCommandReplies>();
        services.AddSingleton<ProjectGreeting>();
        services.AddSingleton<Conductor>();
        services.AddSingleton<IStreamRules, ProjectRules>();
    }

    public static void AddStreams(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<StreamOptions>(configuration, "Streams", o => o.Store is "sqlite" or "memory", "Streams:Store is sqlite or memory.");
        if (string.Equals(configuration["Streams:Store"], "memory", StringComparison.Ordinal))
        {
            services.AddSingleton<IEventLog, MemoryEventLog>();
        }
        else
        {
            services.AddSqliteLog();
        }
    }

    public static void AddDelivery(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<DeliveryOptions>(configuration, "Delivery", o => o is { OutboxMessages: > 0, OutboxBytes: > 0, ReplayPage: > 0 and <= 1000 }, "Delivery: limits are greater than 0, ReplayPage is at most 1000.");
        services.AddSingleton<CompletionHooks>();
        services.AddSingleton<Outboxes>();
        services.AddSingleton<StreamFeeds>();
        services.AddSingleton<Subscriptions>();
        services.AddSingleton<StreamPages>();
        services.AddSingleton<StreamTail>();
        services.AddSingleton<TokenExpiry>();
        services.AddSingleton<AccessChanges>();
        services.AddSingleton<Drain>();
        services.AddSingleton(s => new Lazy<Authorizer>(s.GetRequiredService<Authorizer>));
        services.AddSingleton(new NodeName(Environment.MachineName.ToLowerInvariant()));
        services.AddSingleton<StreamHubServices>();
        services.AddSingleton<IUserIdProvider, PrincipalUserId>();
        services.AddSingleton(typeof(HubLifetimeManager<>), typeof(StreamLifetimeManager<>));
    }

    public static void AddHubs(this IServiceCollection services)
    {
        services.AddSignalR(o =>
        {
            o.MaximumReceiveMessageSize = JsonBody.MaxBytes;
            o.HandshakeTimeout = TimeSpan.FromSeconds(5);
            o.KeepAliveInterval = TimeSpan.FromSeconds(15);
            o.ClientTimeoutInterval = TimeSpan.FromSeconds(30);

            // A connection may have several publishes on their way: they enter their stream's queue in order and share a commit.
            o.MaximumParallelInvocationsPerClient = 32;
            o.AddFilter<AnswerHubFilter>();
            o.AddFilter<DrainHubFilter>();
            o.AddFilter<LimitHubFilter>();
        }).AddJsonProtocol(o => o.PayloadSerializerOptions = ContractJson.Options);
        services.AddSingleton<AnswerHubFilter>();
        services.AddSingleton<DrainHubFilter>();
        ServiceDescriptor stock = services.Single(d => d.ServiceType == typeof(IHubProtocol) && d.ImplementationType == typeof(JsonHubProtocol));
        services.Remove(stock);
        services.AddSingleton<JsonHubProtocol>();
        services.AddSingleton<IHubProtocol, StrictJsonHubProtocol>();
    }

    public static void MapServiceHub<THub>(this WebApplication app, string path)
        where THub : Hub
    {
        DeliveryOptions delivery = app.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value;
        app.MapHub<THub>(path, o =>
        {
            // Slow readers are this service's own business: the transport's limit comes after it.
            o.TransportSendTimeout = delivery.StallTimeout * 2;
            o.AllowStatefulReconnects = false;
            o.Transports = HttpTransports.All;
        }).RequireAuthorization(AccessServices.TokenPolicy);
    }

    public static void MapApi(this WebApplication app)
    {
        RouteGroupBuilder v1 = app.MapGroup("/api/v1").RequireAuthorization(AccessServices.TokenPolicy).AddEndpointFilter(RefuseWhileDraining);
        v1.MapPublish("/threads", StreamKind.Thread).MapReads("/threads", StreamKind.Thread).MapThreads();
        v1.MapPublish("/projects", StreamKind.Project).MapReads("/projects", StreamKind.Project);
        v1.MapPublish("/users", StreamKind.User).MapReads("/users", StreamKind.User);
        app.MapGroup("/api").RequireAuthorization(AccessServices.TokenPolicy).AddEndpointFilter(RefuseWhileDraining).MapProjects();
    }

    /// <summary>What changes something, or stays open, is sent on to another node; reading goes on.</summary>
    private static ValueTask<object?> RefuseWhileDraining(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        HttpRequest request = context.HttpContext.Request;
        bool begins = !HttpMethods.IsGet(request.Method) || request.Path.Value!.EndsWith("/stream", StringComparison.Ordinal);
        return begins && context.HttpContext.RequestServices.GetRequiredService<Drain>().Started
            ? ValueTask.FromResult<object?>(Answer.Problem(Drain.Refusal))
            : next(context);
    }

    /// <summary>Whatever an endpoint did not answer itself is answered as problem details with a code.</summary>
    public static void UseProblemDetails(this WebApplication app)
    {
        UseExceptionProblems(app);
        app.UseStatusCodePages(static c => c.HttpContext.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => Problem.WriteAsync(c.HttpContext, new HubError(ErrorCodes.NotFound, "There is nothing at this address.")),
            StatusCodes.Status405MethodNotAllowed => Problem.WriteAsync(c.HttpContext, HubError.Invalid("method", "is not one of this address."), StatusCodes.Status405MethodNotAllowed),
            StatusCodes.Status415UnsupportedMediaType => Problem.WriteAsync(c.HttpContext, HubError.Invalid("Content-Type", "is not one that this address reads."), StatusCodes.Status415UnsupportedMediaType),
            StatusCodes.Status400BadRequest => Problem.WriteAsync(c.HttpContext, new HubError(ErrorCodes.InvalidMessage, "The request cannot be read."), StatusCodes.Status400BadRequest),
            _ => Task.CompletedTask,
        });
    }

    private static void UseExceptionProblems(WebApplication app) => app.UseExceptionHandler(new ExceptionHandlerOptions
    {
        SuppressDiagnosticsCallback = static c => c.Exception is LogException or HubRefusal or BadHttpRequestException,
        ExceptionHandler = static context => Problem.WriteAsync(context, context.Features.Get<IExceptionHandlerFeature>()?.Error switch
        {
            LogException e => new HubError(e.Code, e.Message),
            HubRefusal e => e.Error,
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } => new HubError(ErrorCodes.PayloadTooLarge, "The request is too large."),
            BadHttpRequestException e => new HubError(ErrorCodes.InvalidMessage, e.Message),
            _ => new HubError(ErrorCodes.Internal, "The service failed; the trace id finds why."),
        }),
    });

    public static void DrainOnStop(this WebApplication app) =>
        app.Lifetime.ApplicationStopping.Register(() => app.Services.GetRequiredService<Drain>().RunAsync().GetAwaiter().GetResult());

    private static void AddValidatedOptions<TOptions>(this IServiceCollection services, IConfiguration configuration, string section, Func<TOptions, bool> valid, string message)
        where TOptions : class =>
        services.AddOptions<TOptions>().Bind(configuration.GetSection(section)).Validate(valid, message).ValidateOnStart();
}
