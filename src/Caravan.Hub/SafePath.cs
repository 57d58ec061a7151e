namespace Caravan.Hub;

/// <summary>Names of files that strangers chose and that become paths here.</summary>
internal static class SafePath
{
    private const int LongestName = 1024;

    /// <summary>Whether a name with <c>/</c> between its parts stays inside the folder that it is put into, on every system.</summary>
    public static bool IsInside(string name) =>
        name.Length is > 0 and <= LongestName
        && !name.Any(each => each is '\\' or ':' || char.IsControl(each))
        && name.Split('/').All(part => part is not ("" or "." or ".."));

    /// <summary>The path of such a name in a folder.</summary>
    public static string In(string folder, string name) => Path.Combine([folder, .. name.Split('/')]);
}
