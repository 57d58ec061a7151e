using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>Reads a rotary embedding and its scaling from a configuration, and writes one.</summary>
internal static class RotaryKeys
{
    private static readonly string[] Methods = ["default", "linear", "dynamic", "llama3", "yarn"];

    /// <summary>
    /// The embedding of heads of <paramref name="headSize"/> features, of which only the first <paramref name="share"/> may be rotated (a GGUF says how many). Keys:
    /// <c>rope_theta</c> (<paramref name="absentBase"/> where it is missing); <c>rope_scaling</c> with <c>rope_type</c> (or the older
    /// <c>type</c>) and the method's own; transformers 5 puts all of them in <c>rope_parameters</c>.
    /// </summary>
    public static RotarySpec Read(ConfigReader config, int headSize, RotaryLayout layout, double absentBase = 10_000, double share = 1)
    {
        int part = (int)(headSize * share), dimensions = config.IsGguf ? config.Integer("rope.dimension_count", absent: part) : part;
        if (dimensions <= 0 || dimensions > headSize || dimensions % 2 != 0)
            throw new CaravanException($"'{config.Path}': rotary embeddings turn pairs, but {dimensions} features of heads of {headSize} are to be turned.");
        string section = config.Has("rope_parameters.rope_type") || config.Has("rope_parameters.rope_theta") ? "rope_parameters" : "rope_scaling";
        return new RotarySpec
        {
            Dimensions = dimensions,
            Base = config.Real("rope_parameters.rope_theta", absent: config.Real("rope_theta", absent: absentBase)),
            Layout = layout,
            Scaling = Divisors(config, dimensions) ?? Scaling(config, section),
        };
    }

    /// <summary>
    /// Writes the keys of an embedding, the other way round; its scaling is written by <see cref="RotaryScaling.Describe(ConfigWriter)"/>, because
    /// not every format has words for it.
    /// </summary>
    public static void Write(ConfigWriter config, RotarySpec rotary)
    {
        config.Set("rope_theta", rotary.Base);
        if (config.IsGguf) config.Set("rope.dimension_count", rotary.Dimensions);
    }

    private static DivisorScaling? Divisors(ConfigReader config, int dimensions)
    {
        if (!config.IsGguf || config.Weights.Elements("rotary_divisors") is not { } divisors) return null;
        if (divisors.Length != dimensions / 2)
            throw new CaravanException($"'{config.Path}': rope_freqs.weight has {divisors.Length} divisors; {dimensions / 2} were expected.");
        return new DivisorScaling([.. divisors]);
    }

    private static RotaryScaling? Scaling(ConfigReader config, string section)
    {
        string method = config.Text($"{section}.rope_type", absent: config.Text($"{section}.type", absent: "default"));
        int context = config.Integer("max_position_embeddings", absent: 2048);
        int trained = config.Integer($"{section}.original_max_position_embeddings", absent: context);
        switch (method)
        {
            case "default" or "none":
                return null;
            case "linear":
                return new LinearScaling(config.Real($"{section}.factor"));
            case "dynamic":
                return new DynamicScaling(config.Real($"{section}.factor"), context);
            case "llama3":
                return new Llama3Scaling(
                    config.Real($"{section}.factor"), config.Real($"{section}.low_freq_factor"), config.Real($"{section}.high_freq_factor"), trained);
            case "yarn":
                return Yarn(config, section, trained);
            default:
                throw config.Unsupported($"{section}.rope_type", method, Methods);
        }
    }

    private static YarnScaling Yarn(ConfigReader config, string section, int trained)
    {
        double factor = config.Real($"{section}.factor");
        double? attention = config.Has($"{section}.attention_factor") ? config.Real($"{section}.attention_factor") : null;
        if (config.Has($"{section}.mscale") && config.Has($"{section}.mscale_all_dim"))
        {
            attention ??= YarnScaling.Sharpening(factor, config.Real($"{section}.mscale"))
                / YarnScaling.Sharpening(factor, config.Real($"{section}.mscale_all_dim"));
        }

        // GGUF multiplies the paper's factor instead of replacing it.
        if (config.Has($"{section}.attention_multiplier"))
            attention ??= YarnScaling.Sharpening(factor) * config.Real($"{section}.attention_multiplier");
        return new YarnScaling(factor, trained)
        {
            BetaFast = config.Real($"{section}.beta_fast", absent: 32),
            BetaSlow = config.Real($"{section}.beta_slow", absent: 1),
            RoundedRamp = config.Flag($"{section}.truncate", absent: true),
            Attention = attention,
        };
    }
}
