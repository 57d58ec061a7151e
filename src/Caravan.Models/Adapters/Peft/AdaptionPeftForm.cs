using Caravan.Tensors;

namespace Caravan.Models;

/// <summary>LLaMA-Adapter: rows and a gate behind the name of each attention layer that has them.</summary>
/// <remarks>Source: PEFT's AdaptionPromptConfig and AdaptedAttention.</remarks>
internal sealed class AdaptionPeftForm : PeftForm
{
    /// <inheritdoc/>
    public override IReadOnlyList<string> Types => ["ADAPTION_PROMPT"];

    /// <inheritdoc/>
    public override bool Holds(Adapter adapter) => adapter.Attentions.Count > 0;

    /// <inheritdoc/>
    public override void Read(PeftReader file, Adapter adapter)
    {
        foreach ((string layer, string module) in ModulesOf(file.Model))
        {
            if (!file.Has($"{module}.{AdaptionPrompt.PromptName}")) continue;
            using Tensor prompt = file.Take($"{module}.{AdaptionPrompt.PromptName}"), gate = file.Take($"{module}.{AdaptionPrompt.GateName}");
            if (prompt.Shape.Rank < 2 || gate.Shape.Elements != 1)
                throw new CaravanException($"'{file.Folder}' has {prompt} and {gate}; rows and one number were expected.");
            adapter.Add(layer, new AdaptionPrompt(Copy(prompt, prompt.Shape.Rows), Copy(gate, 1)));
        }

        file.Model.Adapters.RequireFits(adapter);
    }

    /// <inheritdoc/>
    public override void Write(Adapter adapter, Model model, PeftDocument document)
    {
        Dictionary<string, string> modules = ModulesOf(model).ToDictionary(StringComparer.Ordinal);
        foreach ((string layer, AdaptionPrompt prompt) in adapter.Attentions)
        {
            if (!modules.TryGetValue(layer, out string? module))
                throw new CaravanException($"The adapter '{adapter.Name}' adds to '{layer}', for which Hugging Face's files of the family {model.Family.Name} have no name.");
            document.Add($"{module}.{AdaptionPrompt.GateName}", prompt.Gate.Floats.AsSpan().ToArray(), 1);
            document.Add($"{module}.{AdaptionPrompt.PromptName}", prompt.Prompt.Floats.AsSpan().ToArray(), 1, prompt.Prompt.Shape[0], prompt.Prompt.Shape[1]);
        }

        document.Config["peft_type"] = Types[0];
        document.Config["adapter_layers"] = adapter.Attentions.Count;
        document.Config["adapter_len"] = adapter.Attentions.Values.First().Prompt.Shape[0];
        document.Config["target_modules"] = modules[adapter.Attentions.Keys.First()].Split('.')[^1];
    }

    /// <summary>What stands before the names of an attention layer's tensors: what the names of its query and of its output have in common.</summary>
    private static IEnumerable<KeyValuePair<string, string>> ModulesOf(Model model)
    {
        foreach (string layer in model.Adapters.Attentions.Keys)
        {
            AdapterModule? query = null, output = null;
            foreach (AdapterModule module in AdapterModules.Of(model))
            {
                if (module.Parts.Any(part => part.Layer == $"{layer}.query")) query = module;
                if (module.Parts.Any(part => part.Layer == $"{layer}.output")) output = module;
            }

            if (query is null || output is null) continue;
            int common = query.Name.AsSpan().CommonPrefixLength(output.Name);
            if (query.Name.LastIndexOf('.', common - 1) is var end and > 0) yield return new(layer, PeftReader.Prefix + query.Name[..end]);
        }
    }

    private static Tensor Copy(Tensor values, long rows)
    {
        Tensor copy = Tensor.Allocate(new Shape(rows, values.Shape.Elements / Math.Max(1, rows)));
        values.Bytes.CopyTo(copy.Bytes);
        return copy;
    }
}
