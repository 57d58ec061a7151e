using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Caravan.Server;

/// <summary><c>GET /api/tags</c>, <c>POST /api/show</c>, <c>GET /api/ps</c>, <c>GET /api/version</c></summary>
internal static class OllamaModels
{
    /// <summary>All models.</summary>
    public static Task ListAsync(HttpContext context) => context.WriteJsonAsync(
        new OllamaModelList([.. HostOf(context).Slots.Select(slot =>
            new OllamaModel(slot.Source.Id, slot.Source.Id, slot.Source.Modified, slot.Source.Bytes, Digest(slot), Details(slot)))]),
        ServerJson.Default.OllamaModelList);

    /// <summary>Those that are loaded. They are kept until the memory is needed.</summary>
    public static Task ListRunningAsync(HttpContext context) => context.WriteJsonAsync(
        new OllamaRunningList([.. HostOf(context).Slots.Where(slot => slot.Loaded is not null).Select(slot =>
            new OllamaRunning(slot.Source.Id, slot.Source.Id, slot.KnownBytes, Digest(slot), Details(slot), DateTime.UtcNow.AddYears(1), 0, slot.Facts?.ContextLength))]),
        ServerJson.Default.OllamaRunningList);

    /// <summary>All about one of them, which is loaded for it.</summary>
    public static async Task ShowAsync(HttpContext context)
    {
        using ApiCall call = await ApiCall.BeginAsync(context, "show").ConfigureAwait(false);
        ModelSlot slot = HostOf(context).Find(call.Model.Id)!;
        ModelFacts facts = slot.Facts!;
        JsonObject info = new()
        {
            ["general.architecture"] = facts.Family, ["general.parameter_count"] = facts.Parameters, ["general.file_type"] = facts.Quantization,
            [$"{facts.Family}.context_length"] = facts.TrainedContextLength, [$"{facts.Family}.embedding_length"] = facts.HiddenSize,
            [$"{facts.Family}.block_count"] = facts.Layers, [$"{facts.Family}.vocab_size"] = facts.VocabularySize,
        };
        ModelAbilities can = facts.Supports!;
        (string Name, bool Can)[] abilities =
        [
            ("completion", can.Completions), ("tools", can.Tools), ("insert", can.FillInTheMiddle), ("vision", can.Images), ("embedding", can.Embeddings && !can.Completions),
        ];
        OllamaModelPage page = new("", "", call.Model.Model.HasTokenizer ? call.Model.Tokenizer.ChatTemplate ?? "" : "", Details(slot), info, [.. abilities.Where(ability => ability.Can).Select(ability => ability.Name)], slot.Source.Modified);
        await context.WriteJsonAsync(page, ServerJson.Default.OllamaModelPage).ConfigureAwait(false);
    }

    /// <summary>The program's version.</summary>
    public static Task VersionAsync(HttpContext context) =>
        context.WriteJsonAsync(new OllamaVersion(typeof(OllamaModels).Assembly.GetName().Version!.ToString(3)), ServerJson.Default.OllamaVersion);

    /// <summary>Answers a request without a prompt, which asks for a model to be loaded, as it is by now, or to be unloaded.</summary>
    public static async Task AnswerLoadAsync(ApiCall call, OllamaAnswer form)
    {
        bool unloads = OllamaRequest.Unloads(call.Body);
        ModelHost host = HostOf(call.Context);
        ModelSlot slot = host.Find(call.Model.Id)!;
        string reason = unloads ? "unload" : "load";
        call.Dispose();
        if (unloads) await host.UnloadAsync(slot, call.Aborted).ConfigureAwait(false);
        await call.Context.WriteJsonAsync(form with { DoneReason = reason }, ServerJson.Default.OllamaAnswer).ConfigureAwait(false);
    }

    /// <summary>Clients compare digests; hashing gigabytes for that is not worth it, and name, size and time tell files apart as well.</summary>
    private static string Digest(ModelSlot slot) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{slot.Source.Id}\n{slot.Source.Bytes}\n{slot.Source.Modified.Ticks}")));

    private static OllamaDetails Details(ModelSlot slot)
    {
        string family = slot.Facts?.Family ?? "";
        string parameters = slot.Facts?.Parameters switch
        {
            null => "",
            >= 1_000_000_000 and var many => $"{many / 1e9:0.0}B",
            var some => $"{some / 1e6:0.##}M",
        };
        string format = File.Exists(slot.Source.Path) ? Path.GetExtension(slot.Source.Path).TrimStart('.') : "safetensors";
        return new OllamaDetails("", format, family, family.Length == 0 ? [] : [family], parameters, slot.Facts?.Quantization ?? "");
    }

    private static ModelHost HostOf(HttpContext context) => context.RequestServices.GetRequiredService<ModelHost>();
}
