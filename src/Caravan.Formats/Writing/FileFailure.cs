namespace Caravan.Formats;

/// <summary>Turns failures of the file system into sentences.</summary>
internal static class FileFailure
{
    /// <summary>The error number (<see cref="Exception.HResult"/>) of a full disk: ERROR_DISK_FULL of Windows.</summary>
    public const int DiskFull = unchecked((int)0x80070070);

    /// <summary>All error numbers that mean a full disk: ENOSPC of Unix, and ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL of Windows.</summary>
    private static readonly int[] DiskFullNumbers = [28, unchecked((int)0x80070027), DiskFull];

    /// <summary>Whether the exception comes from the file system.</summary>
    public static bool IsOne(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>Does something to <paramref name="path"/>; a failure of the file system becomes a <see cref="CaravanException"/>.</summary>
    public static void Guard(string path, long bytes, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (IsOne(exception))
        {
            throw Writing(path, bytes, exception);
        }
    }

    /// <summary>What went wrong writing <paramref name="path"/>, which needs <paramref name="bytes"/> bytes (0 when not known).</summary>
    public static CaravanException Writing(string path, long bytes, Exception exception) => new(
        $"'{path}' cannot be written: " + exception switch
        {
            DirectoryNotFoundException => $"the folder '{Path.GetDirectoryName(Path.GetFullPath(path))}' does not exist; create it first.",
            UnauthorizedAccessException => "permission denied; write to a folder of your own.",
            _ when DiskFullNumbers.Contains(exception.HResult) => bytes > 0
                ? $"the disk is full and {bytes} bytes are needed; free some space or write to another disk."
                : "the disk is full; free some space or write to another disk.",
            _ => exception.Message,
        }, exception);
}
