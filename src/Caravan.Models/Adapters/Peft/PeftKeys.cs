using System.Text.Json.Nodes;

namespace Caravan.Models;

/// <summary>What <c>adapter_config.json</c> says of adapters of linear layers.</summary>
internal static class PeftKeys
{
    /// <summary>PEFT's default, which it warns about changing in AdaLoRA.</summary>
    private const int UnusedRank = 8;

    /// <summary>Sets the keys.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="adapter">What is written.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="modules">Its modules; closed directions of AdaLoRA are dropped.</param>
    public static void Describe(SortedDictionary<string, JsonNode?> config, Adapter adapter, PeftKind kind, IReadOnlyList<PeftModule> modules)
    {
        config["peft_type"] = kind.Type;
        config["bias"] = "none";
        config["init_lora_weights"] = true;
        config["lora_dropout"] = adapter.Linears.Values.OfType<LoraAdapter>().FirstOrDefault()?.DropoutRate ?? 0;
        config["use_dora"] = adapter.Linears.Values.Any(layer => layer is DoraAdapter);
        config["use_rslora"] = adapter.RankStabilized;
        foreach (string key in (string[])["layers_pattern", "layers_to_transform", "modules_to_save"]) config[key] = null;
        if (kind.Budgeted) DescribeBudget(config, modules);
        else DescribeRanks(config, adapter, modules);
        if (adapter.Linears.Values.First() is QaLoraAdapter grouped) config["group_size"] = grouped.Group;
    }

    /// <summary>The rank and α of most modules, and patterns for the others.</summary>
    private static void DescribeRanks(SortedDictionary<string, JsonNode?> config, Adapter adapter, IReadOnlyList<PeftModule> modules)
    {
        (long rank, double alpha) = modules.GroupBy(Pair).MaxBy(group => group.Count())!.Key;
        config["r"] = rank;
        config["lora_alpha"] = Number(alpha);
        config["rank_pattern"] = new JsonObject(modules.Where(module => module.Rank != rank).Select(module => KeyValuePair.Create(module.Module.Name, (JsonNode?)JsonValue.Create(module.Rank))));
        config["alpha_pattern"] = new JsonObject(modules.Where(module => Pair(module).Alpha != alpha).Select(module => KeyValuePair.Create(module.Module.Name, Number(Pair(module).Alpha))));
        (long Rank, double Alpha) Pair(PeftModule module) => (module.Rank, AlphaOf(module.Scaling, adapter.RankStabilized ? Math.Sqrt(module.Rank) : module.Rank));
    }

    /// <summary>As AdaLoRA keeps it: the rank that training began with, and for each module which directions are left.</summary>
    private static void DescribeBudget(SortedDictionary<string, JsonNode?> config, IReadOnlyList<PeftModule> modules)
    {
        long first = modules.Max(module => module.Rank);
        config["r"] = UnusedRank;
        config["init_r"] = first;
        config["target_r"] = Math.Max(1, (int)Math.Round(modules.Average(module => module.Open.Count(open => open))));
        config["lora_alpha"] = Number(AlphaOf(modules[0].Scaling, first + PeftConfig.AdaLoraShift));
        (config["tinit"], config["tfinal"], config["deltaT"], config["total_step"]) = (0, 0, 1, 1);
        (config["beta1"], config["beta2"], config["orth_reg_weight"]) = (0.85, 0.85, 0.5);
        config["alpha_pattern"] = new JsonObject();
        config["rank_pattern"] = new JsonObject(modules.Select(module => KeyValuePair.Create(
            $"{module.Module.Name}.lora_E", (JsonNode?)new JsonArray([.. Enumerable.Range(0, (int)first).Select(i => JsonValue.Create(i < module.Open.Length && module.Open[i]))]))));
    }

    /// <summary>The α whose scaling this is: a whole number where one gives the same float.</summary>
    private static double AlphaOf(float scaling, double divisor)
    {
        double alpha = scaling * divisor, whole = Math.Round(alpha);
        return (float)(whole / divisor) == scaling ? whole : alpha;
    }

    private static JsonNode? Number(double value) => value == Math.Round(value) && Math.Abs(value) < 1e15 ? JsonValue.Create((long)value) : JsonValue.Create(value);
}
