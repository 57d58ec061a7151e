namespace Caravan.Text.Jinja;

/// <summary>The names that always mean the same.</summary>
internal static class Constants
{
    /// <summary>The value of such a name, or null for a variable.</summary>
    public static object? Find(string name) => name switch
    {
        "true" or "True" => true,
        "false" or "False" => false,
        "none" or "None" => None.Value,
        _ => null,
    };
}
