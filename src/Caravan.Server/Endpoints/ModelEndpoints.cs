using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Server;

/// <summary><c>GET /v1/models</c>, <c>GET /v1/models/{id}</c>, <c>GET /v1/status</c></summary>
internal static class ModelEndpoints
{
    /// <summary>All models.</summary>
    public static Task ListAsync(HttpContext context) =>
        context.WriteJsonAsync(new ModelList("list", [.. HostOf(context).Slots.Select(FactsOf.Slot), .. HostOf(context).Adapters.Select(name => Of(HostOf(context), name)!)]), ServerJson.Default.ModelList);

    /// <summary>One of them.</summary>
    public static Task ShowAsync(HttpContext context)
    {
        string id = (string)context.GetRouteValue("id")!;
        return context.WriteJsonAsync(Of(HostOf(context), id) ?? throw ApiException.UnknownModel(id), ServerJson.Default.ModelObject);
    }

    /// <summary>How busy those are that are loaded.</summary>
    public static Task StatusAsync(HttpContext context)
    {
        ModelStatus[] models = [.. HostOf(context).Slots.Select(Status).OfType<ModelStatus>()];
        return context.WriteJsonAsync(new ServerStatus(models, Math.Round(context.RequestServices.GetRequiredService<ServerClock>().Uptime.TotalSeconds, 1)), ServerJson.Default.ServerStatus);
    }

    /// <summary>A model, or an adapter: that is the model's object under its own name.</summary>
    private static ModelObject? Of(ModelHost host, string id)
    {
        if (host.Find(id) is not { } slot) return null;
        ModelObject model = FactsOf.Slot(slot);
        return host.AdapterOf(id) is { } adapter ? model with { Id = adapter, Parent = model.Id } : model;
    }

    private static ModelStatus? Status(ModelSlot slot)
    {
        if (slot.Loaded is not { } model) return null;
        if (!model.Generates) return new ModelStatus(model.Id, 0, 0, 0, 0, 0, 0, 0, 0);
        Inference.EngineStatus status = model.Loop.Engine.Status;
        return new ModelStatus(
            model.Id, status.Running, status.Waiting, status.PagesUsed, status.PagesTotal, status.PagesFindable, status.BatchTokens, Math.Round(slot.Rate.PerSecond, 1), status.Preemptions);
    }

    private static ModelHost HostOf(HttpContext context) => context.RequestServices.GetRequiredService<ModelHost>();
}
