using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Server;

/// <summary><c>GET /health</c>, <c>GET /ready</c>, <c>GET /metrics</c></summary>
internal static class HealthChecks
{
    /// <summary>Whether the process serves.</summary>
    public static Task HealthAsync(HttpContext context) => context.WriteJsonAsync(new Health("ok"), ServerJson.Default.Health);

    /// <summary>Whether requests should be sent here.</summary>
    public static Task ReadyAsync(HttpContext context)
    {
        bool ends = context.RequestServices.GetRequiredService<Draining>().HasBegun;
        bool ready = !ends && context.RequestServices.GetRequiredService<ModelHost>().IsReady;
        if (!ready) context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        return context.WriteJsonAsync(ready ? new Health("ok") : new Health("unavailable", ends ? "The server is shutting down." : "The model is being loaded."), ServerJson.Default.Health);
    }

    /// <summary>All measurements, as Prometheus reads them.</summary>
    public static Task MetricsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        return context.Response.WriteAsync(context.RequestServices.GetRequiredService<PrometheusExposition>().Write(), context.RequestAborted);
    }
}
