package disk

import (
	"fmt"
	"io/fs"
	"os"
	"unsafe"

	"golang.org/x/sys/windows"
)

// mkdir creates a folder that only this user, the system and the administrators
// may access, and so what is created in it. Without that, a folder has the access
// list of its parent: outside of the profile, often all users may change it.
func mkdir(dir string) error {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: err}
	}
	access, err := private()
	if err != nil {
		return &fs.PathError{Op: "mkdir", Path: dir, Err: err}
	}
	attributes := &windows.SecurityAttributes{Length: uint32(unsafe.Sizeof(windows.SecurityAttributes{})), SecurityDescriptor: access}
	return retry(func() error {
		if err := windows.CreateDirectory(name, attributes); err != nil {
			return &fs.PathError{Op: "mkdir", Path: dir, Err: err}
		}
		return nil
	})
}

// Close gives access to a folder to this user, the system and the administrators
// alone.
func Close(path string, _ fs.FileMode) error {
	access, err := private()
	if err != nil {
		return err
	}
	list, _, err := access.DACL()
	if err != nil {
		return err
	}
	return windows.SetNamedSecurityInfo(path, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION|windows.PROTECTED_DACL_SECURITY_INFORMATION, nil, nil, list, nil)
}

func private() (*windows.SECURITY_DESCRIPTOR, error) {
	me, err := user()
	if err != nil {
		return nil, err
	}
	// Protected from the parent, inherited by what is in the folder, full access.
	return windows.SecurityDescriptorFromString(fmt.Sprintf("D:P(A;OICI;FA;;;%s)(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)", me))
}

func user() (*windows.SID, error) {
	u, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return nil, err
	}
	return u.User.Sid, nil
}

// othersMay reports whether the access list of a folder gives another user than
// this one, the system and the administrators more than the rights to list it and
// to read in it; or any right, if mask is about reading too.
func othersMay(dir string, _ fs.FileInfo, mask fs.FileMode) (bool, error) {
	me, err := user()
	if err != nil {
		return false, err
	}
	access, err := windows.GetNamedSecurityInfo(dir, windows.SE_FILE_OBJECT, windows.DACL_SECURITY_INFORMATION)
	if err != nil {
		return false, err
	}
	list, _, err := access.DACL()
	if err != nil || list == nil {
		return list == nil, nil // without a list, all users may do everything
	}
	for i := range uint32(list.AceCount) {
		var entry *windows.ACCESS_ALLOWED_ACE
		if err := windows.GetAce(list, i, &entry); err != nil {
			return false, err
		}
		allowed := entry.Mask
		if mask&0o044 == 0 {
			allowed &^= windows.GENERIC_READ | windows.GENERIC_EXECUTE | windows.FILE_GENERIC_READ | windows.FILE_GENERIC_EXECUTE
		}
		who := (*windows.SID)(unsafe.Pointer(&entry.SidStart))
		if entry.Header.AceType == windows.ACCESS_ALLOWED_ACE_TYPE && allowed != 0 && !who.Equals(me) && !isSystem(who) {
			return true, nil
		}
	}
	return false, nil
}

// isSystem reports whether an identifier is for the system, or stands for the owner
// of a file.
func isSystem(who *windows.SID) bool {
	for _, known := range []windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid, windows.WinCreatorOwnerSid, windows.WinCreatorOwnerRightsSid} {
		if who.IsWellKnown(known) {
			return true
		}
	}
	return false
}

// CloseAdvice returns a command for cmd and PowerShell.
func CloseAdvice(path, _ string) string {
	return fmt.Sprintf(`icacls "%s" /inheritance:r /grant:r "%s\%s:(OI)(CI)F"`, path, os.Getenv("USERDOMAIN"), os.Getenv("USERNAME"))
}
