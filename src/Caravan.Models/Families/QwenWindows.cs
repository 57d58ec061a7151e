namespace Caravan.Models;

/// <summary>Qwen 2's keys about sliding windows, which only some layers have.</summary>
internal static class QwenWindows
{
    private const string SwitchKey = "use_sliding_window", FirstKey = "max_window_layers";

    /// <summary>The layers with the windows that a configuration gives them.</summary>
    public static IEnumerable<LayerSpec> Apply(ConfigReader config, IEnumerable<LayerSpec> layers)
    {
        int window = SlidingWindow.Read(config, absent: config.IsGguf ? null : 4096), first = config.Integer(FirstKey, absent: 28);
        if (!config.Flag(SwitchKey, absent: false)) return layers;
        if (SlidingWindow.WrittenBeforeExactWindows(config)) first = 0;
        return layers.Select((layer, number) => number < first ? layer : layer with { SequenceMixer = (AttentionSpec)layer.SequenceMixer with { Window = window } });
    }

    /// <summary>The keys, the other way round; GGUF has none, as llama.cpp reads no window for this family.</summary>
    public static void Describe(DecoderSpec spec, ConfigWriter config)
    {
        int[] windows = [.. spec.Layers.Select(layer => ((AttentionSpec)layer.SequenceMixer).Window)];
        if (config.IsGguf || windows.All(window => window == 0)) return;
        config.Set(SwitchKey, true);
        config.Set("sliding_window", windows[^1]);
        config.Set(FirstKey, windows.TakeWhile(window => window == 0).Count());
    }
}
