namespace Caravan.Models;

/// <summary>
/// Reads how many keys a query sees. A window of W in a <c>config.json</c> lets W keys through in today's transformers, vLLM and mistral-inference,
/// but W + 1 (i − W … i) in transformers before 4.46; <c>transformers_version</c> says which of the two wrote the checkpoint and its reference numbers.
/// GGUF counts keys.
/// </summary>
internal static class SlidingWindow
{
    private static readonly Version FirstExact = new(4, 46);

    /// <summary>Keys a query sees, itself included; 0 means all.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="absent">The window where the key is missing; null for none. An explicit null always means none.</param>
    public static int Read(ConfigReader config, int? absent)
    {
        if (config.OptionalInteger("sliding_window", absent) is not { } window) return 0;
        return config.IsGguf || !WrittenBeforeExactWindows(config) ? window : window + 1;
    }

    /// <summary>Whether a checkpoint is from when a window of W let W + 1 keys through.</summary>
    public static bool WrittenBeforeExactWindows(ConfigReader config)
    {
        string[] parts = config.Text("transformers_version", absent: "").Split('.');
        return parts.Length >= 2 && int.TryParse(parts[0], out int major) && int.TryParse(parts[1], out int minor)
            && new Version(major, minor) < FirstExact;
    }
}
