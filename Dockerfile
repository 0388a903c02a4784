# The images are arguments, because registries differ:
#   docker build --build-arg DOTNET_SDK_IMAGE=<registry>/dotnet/sdk:10.0 \
#                --build-arg DOTNET_RUNTIME_IMAGE=<registry>/dotnet/aspnet:10.0-noble-chiseled -t hubservice .
# Any image with the SDK, and any with the ASP.NET Core 10 runtime and `dotnet` on its path, will do; the final one needs no shell.
ARG NODE_IMAGE=node:20-slim
ARG DOTNET_SDK_IMAGE
ARG DOTNET_RUNTIME_IMAGE

FROM ${NODE_IMAGE} AS page
WORKDIR /source/src/hubservice-client
COPY src/hubservice-client/package.json src/hubservice-client/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY src/hubservice-client/ ./
RUN npm run build
WORKDIR /source/src/hubservice-inspector
COPY src/hubservice-inspector/package.json src/hubservice-inspector/package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY src/hubservice-inspector/ ./
RUN npm run build -- --outDir /page --emptyOutDir

FROM ${DOTNET_SDK_IMAGE} AS build
WORKDIR /source
COPY global.json Directory.Build.props Directory.Packages.props BannedSymbols.txt .editorconfig ./
COPY src/HubService.Contracts/HubService.Contracts.csproj src/HubService.Contracts/packages.lock.json src/HubService.Contracts/
COPY src/HubService/HubService.csproj src/HubService/Runtime.props src/HubService/packages.lock.json src/HubService/
RUN dotnet restore src/HubService --locked-mode
COPY src/HubService.Contracts/ src/HubService.Contracts/
COPY src/HubService/ src/HubService/
COPY --from=page /page/ src/HubService/wwwroot/
# There is no npm in this stage: the page is taken as it was built above.
RUN dotnet publish src/HubService -c Release --no-restore -p:UseAppHost=false -o /app && mkdir /data

FROM ${DOTNET_RUNTIME_IMAGE} AS final
WORKDIR /app
COPY --from=build /app ./
COPY --from=build --chown=1654:1654 /data /data
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0 \
    Sqlite__Path=/data/hub.db
USER 1654:1654
EXPOSE 8080
VOLUME /data
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["dotnet", "HubService.dll", "health"]
ENTRYPOINT ["dotnet", "HubService.dll"]
